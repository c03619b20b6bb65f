// Where the kernel of uml nodes is looked for.
#include "engine/nodes/uml/kernel_cache.h"
#include "tests/temp_folder.h"

#include <stdlib.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>

namespace labreel {
namespace {

namespace fs = std::filesystem;

void write(const fs::path& path, const std::string& text) { std::ofstream(path) << text; }

}  // namespace

TEST_CASE("a kernel that is installed for everybody is found before the user's own", "[uml]") {
  const TempFolder folder;
  const std::string first = folder / "first", second = folder / "second";
  CHECK_FALSE(find_uml_kernel({first, second}).installed);
  write(folder / "made", "a kernel");
  UmlKernel made;
  made.path = folder / "made";
  made.key = "0123456789abcdef";
  CHECK_FALSE(install_uml_kernel(made, second));  // not built
  made.built = true;
  REQUIRE(install_uml_kernel(made, second));
  const UmlKernel found = find_uml_kernel({first, second});
  CHECK(found.installed);
  CHECK(found.built);
  CHECK(found.path == second + "/linux");
  CHECK(found.key == "0123456789abcdef");
  CHECK(found.missing.empty());
  REQUIRE(install_uml_kernel(made, first));
  CHECK(find_uml_kernel({first, second}).path == first + "/linux");
  REQUIRE(install_uml_kernel(made, first));  // over the older one
}

TEST_CASE("an installed kernel that was built by another recipe is passed over", "[uml]") {
  const TempFolder folder;
  const std::string place = folder / "place";
  write(folder / "made", "a kernel");
  UmlKernel made;
  made.path = folder / "made";
  made.built = true;
  REQUIRE(install_uml_kernel(made, place));
  REQUIRE(find_uml_kernel({place}).installed);
  write(place + "/recipe", "another\n");
  const UmlKernel other = find_uml_kernel({place});
  CHECK_FALSE(other.installed);
  CHECK(other.path.find("/labreel/uml-") != std::string::npos);
}

}  // namespace labreel
