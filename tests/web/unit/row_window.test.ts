import { first_at, last_first, moved_by, moved_to, showing, thumb_of } from "../../../replay/web/page/src/model/row_window";

const ten_million = { first: 0, count: 20, total: 10_000_000 };

describe("window of rows", () => {
  it("reaches each row of ten million exactly", () => {
    for (const row of [0, 1, 4_999_999, 5_000_000, 9_999_977, 9_999_998, 9_999_999]) {
      const window = showing(ten_million, row);
      expect(row).toBeGreaterThanOrEqual(window.first);
      expect(row).toBeLessThan(window.first + window.count);
      expect(Number.isInteger(window.first)).toBe(true);
    }
  });

  it("moves by whole rows and stops at the ends", () => {
    expect(moved_by(ten_million, 3).first).toBe(3);
    expect(moved_by(ten_million, -1).first).toBe(0);
    expect(moved_to(ten_million, 1e9).first).toBe(last_first(ten_million));
    expect(moved_to({ first: 5, count: 20, total: 7 }, 5).first).toBe(0);
  });

  it("has the last row under the thumb at the end of the track", () => {
    const { size } = thumb_of(ten_million);
    expect(first_at(ten_million, 1 - size)).toBe(9_999_980);
    expect(first_at(ten_million, 0)).toBe(0);
    expect(thumb_of({ ...ten_million, first: 9_999_980 }).top).toBeCloseTo(1 - size, 9);
  });

  it("brings a row from far away to the middle, one from nearby to the edge", () => {
    expect(showing({ first: 0, count: 20, total: 1000 }, 500).first).toBe(490);
    expect(showing({ first: 100, count: 20, total: 1000 }, 120).first).toBe(102);
  });

  it("moves nothing for a row that is in sight", () => {
    expect(showing({ first: 100, count: 20, total: 1000 }, 110).first).toBe(100);
  });
});
