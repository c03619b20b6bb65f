// Tests lie with the other tests, in tests/web; what they need lies here.
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  root: here("../../.."),
  resolve: {
    conditions: ["browser"],
    alias: {
      "solid-js": here("node_modules/solid-js/dist/solid.js"),
      "playwright-core": here("node_modules/playwright-core/index.mjs"),
      "axe-core": here("node_modules/axe-core/axe.js"),
    },
  },
  server: { fs: { strict: false } },
  cacheDir: here("node_modules/.vitest"),
  test: {
    globals: true,
    include: [process.env.LABREEL_PAGE_TESTS === "browser" ? "tests/web/browser/*.test.ts" : "tests/web/unit/*.test.ts"],
    testTimeout: 120000,
    hookTimeout: 120000,
    fileParallelism: process.env.LABREEL_PAGE_TESTS !== "browser",
  },
});
