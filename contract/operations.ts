import { authOperations } from './auth.ts';

/** Every operation of the public door (8080), by its id. */
export const publicOperations = { ...authOperations };

/** Every operation of the internal door (8081), by its id. */
export const internalOperations = {};
