const CANONICAL_AMOUNT = /^[1-9][0-9]{0,39}$/;

/** Minor units from their one canonical spelling: 1 to 40 ASCII digits, no sign, no leading zero. Undefined for anything else. */
export function parseAmount(text: string): bigint | undefined {
  return CANONICAL_AMOUNT.test(text) ? BigInt(text) : undefined;
}
