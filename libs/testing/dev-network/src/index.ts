export { DevNetwork, type NetworkOptions } from './dev-network.js';
export { DevNode, type NodePart, type NodeSpec } from './dev-node.js';
export { LinkProxy } from './link-proxy.js';
export { SERVICE_NAMES, type ServiceName } from './service-names.js';
export { workspaceRoot } from './workspace-root.js';
