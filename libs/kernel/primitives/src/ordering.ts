/** Compares two strings by UTF-16 code unit: the same order on every machine, whatever its locale. */
export function byCodeUnit(left: string, right: string): number {
  if (left === right) return 0;
  return left < right ? -1 : 1;
}
