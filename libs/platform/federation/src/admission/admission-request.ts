import { z } from 'zod';
import { claimsIn, isSignatureOf, isSignedBy } from './nats-token.js';

/** As nats-server bounds what a client says of itself (`max_control_line`), with room for what the server adds. */
const REQUEST_BYTES_MAX = 16_384;
const NONCE_LENGTH_MAX = 64;
const SIGNATURE_LENGTH_MAX = 128;

const serverNkey = z.string().regex(/^N[A-Z2-7]{55}$/);
const userNkey = z.string().regex(/^U[A-Z2-7]{55}$/);

const claims = z.object({
  iss: serverNkey,
  nats: z.object({
    type: z.literal('authorization_request'),
    server_id: z.object({ id: serverNkey }),
    user_nkey: userNkey,
    client_info: z.object({
      host: z.string().default(''), id: z.int().nonnegative(), kind: z.string().default(''), type: z.string().default(''),
      nonce: z.string().min(1).max(NONCE_LENGTH_MAX).optional(),
    }),
    connect_opts: z.object({ nkey: z.string().optional(), sig: z.string().max(SIGNATURE_LENGTH_MAX).optional() }),
    client_tls: z.object({}).optional(),
  }),
}).refine(({ iss, nats }) => iss === nats.server_id.id);

/** A client that knocks at the nats-server, as the server describes it. */
export interface AdmissionRequest {
  /** The server that asks, by its own NKey. */
  readonly server: string;
  /** The NKey the server made for this one connection: the answer must name it. */
  readonly connectionNkey: string;
  /** Number of the connection at that server. */
  readonly connectionId: number;
  readonly host: string;
  readonly isTls: boolean;
  /** An ordinary client, and no leaf node, websocket or MQTT. */
  readonly isPlainClient: boolean;
  /** The NKey the client shows, with its signature over what the server gave it to sign. Absent: it shows something else, or nothing. */
  readonly proof?: { readonly publicNkey: string; readonly nonce: string; readonly signature: Uint8Array };
}

function proofIn({ client_info: { nonce }, connect_opts: { nkey, sig } }: z.output<typeof claims>['nats']): AdmissionRequest['proof'] {
  if (nonce === undefined || nkey === undefined || sig === undefined || !userNkey.safeParse(nkey).success) return undefined;
  // Clients write the signature in either alphabet of base64; Buffer reads both.
  return { publicNkey: nkey, nonce, signature: Buffer.from(sig, 'base64') };
}

/** The request in a token, unchecked; undefined where it is too long or has another form. */
export function requestIn(token: string): AdmissionRequest | undefined {
  if (token.length > REQUEST_BYTES_MAX) return undefined;
  const parsed = claims.safeParse(claimsIn(token));
  if (!parsed.success) return undefined;
  const { iss, nats } = parsed.data;
  const proof = proofIn(nats);
  return {
    server: iss, connectionNkey: nats.user_nkey, connectionId: nats.client_info.id, host: nats.client_info.host, isTls: nats.client_tls !== undefined,
    isPlainClient: nats.client_info.kind === 'Client' && nats.client_info.type === 'nats', ...(proof !== undefined && { proof }),
  };
}

/** Whether the server the request names has signed it. */
export const isFromServer = (token: string, request: AdmissionRequest): boolean => isSignedBy(token, request.server);

/** Whether the client holds the key it shows. The server leaves this to us: it does not know the users it asks about. */
export const isProven = ({ publicNkey, nonce, signature }: NonNullable<AdmissionRequest['proof']>): boolean => isSignatureOf(publicNkey, nonce, signature);
