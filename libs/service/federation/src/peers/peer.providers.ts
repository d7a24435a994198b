import type { Provider } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { OwnNode } from '../own-node.js';
import { ActOnPeer } from './act-on-peer.js';
import { AdmitIssuer } from './admit-issuer.js';
import { DeclaredPeers } from './declared-peers.js';
import { FindPeers } from './find-peers.query.js';
import { GatewayClient } from './handshake/gateway-client.js';
import { KeyHistory } from './handshake/key-history.js';
import { LinkStatements, OwnReach } from './handshake/link-statements.js';
import { ReceiveStatement } from './handshake/receive-statement.js';
import { RequestLink } from './handshake/request-link.js';
import { StatementCourier } from './handshake/statement-courier.js';
import { AdmissionsController } from './lists/admissions.controller.js';
import { ImportAdmissions } from './lists/import-admissions.js';
import { ListedNodeRepository } from './lists/listed-node.repository.js';
import { PeerDesk } from './peer-desk.js';
import { PeerDirectory } from './peer-directory.js';
import { DoorSettings, PeerDoor } from './peer-door.js';
import { PeerRepository } from './peer.repository.js';
import { PeersController } from './peers.controller.js';
import { PreviewAction } from './preview-action.js';

/** What the service is told about peers when it starts. */
export interface PeerSettings {
  /** Absent: no peer is declared. */
  readonly peersFile?: string;
  readonly reach: OwnReach;
  readonly door: DoorSettings;
}

export const PEER_CONTROLLERS = [PeersController, AdmissionsController];

/** Everything about who is a peer. The directory is filled, and the peers file taken in, before anything else begins. */
export const peerProviders = ({ peersFile, reach, door }: PeerSettings): Provider[] => [
  { provide: OwnReach, useValue: reach }, { provide: DoorSettings, useValue: door },
  { provide: PeerDirectory, inject: [DataSource], useFactory: (dataSource: DataSource) => PeerDirectory.open(dataSource) },
  {
    provide: DeclaredPeers, inject: [OwnNode, PeerDesk, PeerRepository],
    useFactory: (own: OwnNode, desk: PeerDesk, peers: PeerRepository) => DeclaredPeers.open({ file: peersFile, ownNodeId: own.nodeId }, desk, peers),
  },
  PeerRepository, ListedNodeRepository, PeerDesk, FindPeers, GatewayClient, KeyHistory, LinkStatements, ReceiveStatement, RequestLink, StatementCourier,
  ActOnPeer, AdmitIssuer, PreviewAction, ImportAdmissions, PeerDoor,
];
