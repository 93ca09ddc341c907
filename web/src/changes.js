// What became of a list when it was made anew.

// before, after: ids in order. Returns {arrived: [id], left: [id], risen: Map id → places}.
export function compare(before, after) {
  const place = new Map(before.map((id, i) => [id, i]));
  const kept = new Set(after);
  const risen = new Map();
  // Places are counted among what stayed, so that one departure does not count as a rise of all below it.
  const order = before.filter((id) => kept.has(id));
  const old_place = new Map(order.map((id, i) => [id, i]));
  after.filter((id) => place.has(id)).forEach((id, i) => {
    if (old_place.get(id) > i) risen.set(id, old_place.get(id) - i);
  });
  return { arrived: after.filter((id) => !place.has(id)), left: before.filter((id) => !kept.has(id)), risen };
}
