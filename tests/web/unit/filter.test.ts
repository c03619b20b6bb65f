import { deep_link_of, fragment_of } from "../../../replay/web/page/src/model/deep_link";
import { fields_of, filter_of, text_of_filter } from "../../../replay/web/page/src/model/filter";

describe("filter as text", () => {
  it("comes back as it was", () => {
    for (const filter of [
      {}, { text: "Hello Packet" }, { kinds: ["frame", "marker"], ports: ["r1:eth1"] }, { protocol: "ospf", address: "10.0.0.1", bookkeeping: true },
    ]) expect(filter_of(text_of_filter(filter))).toEqual(filter);
  });

  it("takes words that are no field as text", () => {
    expect(filter_of("proto= a=b dropped")).toEqual({ text: "proto= a=b dropped" });
  });

  it("counts what narrows", () => {
    expect(fields_of({ bookkeeping: true })).toBe(0);
    expect(fields_of({ text: "x", kinds: [], protocol: "tcp" })).toBe(2);
  });
});

describe("deep link", () => {
  it("comes back as it was", () => {
    const link = { at: "cut", filter: "proto=tcp a&b", pane: "terminals" as const, selected: "r1:eth1", time: "real" as const };
    expect(deep_link_of(fragment_of(link))).toEqual(link);
  });

  it("passes over what it does not know", () => {
    expect(deep_link_of("#at=12&pane=evil&time=<b>&x=y")).toEqual({ at: "12", filter: undefined, pane: undefined, selected: undefined, time: undefined });
  });
});
