import type { Cast } from '../cast.js';

interface DrawnLeg {
  readonly providerId: string;
  readonly recipientId: string;
  readonly description: string;
  readonly quantity: { readonly amount: string; readonly unit: string };
}

/** A ring in plain text: members in the order of giving, with their nodes, the last one giving to the first. */
export function drawRing(cast: Cast, legs: readonly DrawnLeg[]): string[] {
  const rows = legs.map((leg, index) => {
    const giver = cast.byDid(leg.providerId);
    const corner = index === 0 ? '╭─▶' : '│  ';
    return [
      `${corner} ${giver.name} (${giver.node.title})`,
      `│      │ ${leg.quantity.amount} ${leg.quantity.unit}: ${leg.description}`,
      index === legs.length - 1 ? '╰──────╯' : '│      ▼',
    ];
  });
  return rows.flat();
}
