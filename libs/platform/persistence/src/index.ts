export { keyOfCursor, pageOfRows, type Page, type PageRequest } from './page-cursor.js';
export { Inbox } from './inbox/inbox.js';
export { openDataSource, schemaOf, type ServiceTables } from './open-data-source.js';
export { Outbox, type OutboxMessage } from './outbox/outbox.js';
export { OutboxRelay } from './outbox/outbox-relay.js';
export { PERSISTENCE_METRICS } from './persistence.metrics.js';
export { PersistenceModule } from './persistence.module.js';
export { provisionDatabase, provisionSql } from './provision-database.js';
export { isUniqueViolation, StaleWriteError, UnitOfWork, type Transaction } from './transaction.js';
