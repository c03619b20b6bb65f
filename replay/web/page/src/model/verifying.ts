// Verify here: the module decides everything again, once for a recording.
import { createSignal } from "solid-js";
import type { Verdict } from "../engine/answers";
import type { Player } from "./player";

const [verdict, set_verdict] = createSignal<Verdict>();
const [is_verifying, set_verifying] = createSignal(false);
export { is_verifying, verdict };

export const verify = async (player: Player): Promise<void> => {
  if (verdict() || is_verifying()) return;
  set_verifying(true);
  // What says that it is being done is painted first.
  await new Promise((resolve) => setTimeout(resolve, 30));
  try {
    set_verdict(await player.ask("verify", {}));
  } catch (why) {
    player.say(why);
  } finally {
    set_verifying(false);
  }
};
