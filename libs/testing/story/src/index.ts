export { awaitCondition } from './await-condition.js';
export { Cast, type Actor, type StoryNode } from './cast.js';
export { readDataset, type Dataset } from './dataset.js';
export { contracts, NodeClient, ProblemError } from './node-client.js';
export { CHAPTERS, playStory, type Chapter, type Stage, type StoryOptions } from './story.js';
export { summarise, type ChainKnowledge, type NodeKnowledge } from './summary.js';
export { silentTeller, type Teller } from './teller.js';
