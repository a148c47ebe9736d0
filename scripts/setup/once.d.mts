export const cacheFolder: string;
export function withLock<T>(path: string, action: () => Promise<T>, onWait?: () => void): Promise<T>;
export function once(path: string, make: (temporary: string) => Promise<void>, onWait?: () => void): Promise<string>;
export function isAlive(pid: number): boolean;
