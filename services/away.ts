/** For the doors, which do not know the storage: what it means when PostgreSQL is away. */
export { unavailableWhenAway } from '../storage/db.ts';
