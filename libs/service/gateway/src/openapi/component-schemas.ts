import { z } from 'zod';

export type JsonSchema = Readonly<Record<string, unknown>>;

/** What a schema describes: what is sent to the gateway, or what it answers. A default makes a difference. */
export type Direction = 'input' | 'output';

const LOCAL = '#/$defs/';
const SHARED = '#/components/schemas/';

type Definitions = Readonly<Record<string, JsonSchema>>;

/** A copy with every object replaced by what `change` makes of it, innermost first. */
function rewritten(value: unknown, change: (object: Record<string, unknown>) => unknown): unknown {
  if (Array.isArray(value)) return value.map((item) => rewritten(item, change));
  if (value === null || typeof value !== 'object') return value;
  return change(Object.fromEntries(Object.entries(value).map(([name, item]) => [name, rewritten(item, change)])));
}

/** JSON Schema has `examples` where the contracts say `example`. */
const withExamples = (value: unknown): unknown => rewritten(value, ({ example, ...rest }) => (typeof example === 'string' ? { ...rest, examples: [example] } : { ...rest, ...(example !== undefined && { example }) }));

const pointTo = (value: unknown, nameOf: (name: string) => string): unknown => rewritten(value, (object) => {
  const { $ref } = object;
  return typeof $ref === 'string' && $ref.startsWith(LOCAL) ? { ...object, $ref: `${SHARED}${nameOf($ref.slice(LOCAL.length))}` } : object;
});

/** Names of definitions that differ from the ones already known under their name, or point to one that does. */
function differing(found: Definitions, known: ReadonlyMap<string, string>): ReadonlySet<string> {
  const names = new Set(Object.keys(found).filter((name) => known.has(name) && known.get(name) !== JSON.stringify(found[name])));
  for (;;) {
    const pointing = Object.keys(found).filter((name) => !names.has(name) && [...names].some((other) => JSON.stringify(found[name]).includes(`"${LOCAL}${other}"`)));
    if (pointing.length === 0) return names;
    for (const name of pointing) names.add(name);
  }
}

/**
 * The schemas of the contracts as one set of components: every type with an id stands there once and is pointed to.
 *
 * Answers are described first. Where the form that is sent differs from the answered one, it stands beside it as `<Id>Input`.
 */
export class ComponentSchemas {
  private readonly shared = new Map<string, JsonSchema>();
  /** Answered definitions as they came, to compare with. */
  private readonly answered = new Map<string, string>();

  /** The schema of a type, with everything named moved to the components. */
  describe(type: z.ZodType, direction: Direction): JsonSchema {
    // Inside an object even a type with an id of its own becomes a reference.
    const { properties, $defs = {} } = withExamples(z.toJSONSchema(z.object({ described: type }), { io: direction })) as { properties: Definitions; $defs?: Definitions };
    const apart = direction === 'input' ? differing($defs, this.answered) : new Set<string>();
    const nameOf = (name: string): string => (apart.has(name) ? `${name}Input` : name);
    for (const [name, schema] of Object.entries($defs)) {
      if (direction === 'output') this.answered.set(name, JSON.stringify(schema));
      this.shared.set(nameOf(name), pointTo(schema, nameOf) as JsonSchema);
    }
    return pointTo(properties['described'], nameOf) as JsonSchema;
  }

  /** All components by name, in alphabetical order. */
  get all(): Readonly<Record<string, JsonSchema>> {
    return Object.fromEntries([...this.shared].sort(([left], [right]) => (left < right ? -1 : 1)));
  }
}
