/** A symbol as paths, streams and channels write it: `BTC/USDT` is `BTC-USDT`. */
export const dashed = (symbol: string): string => symbol.replace('/', '-');

/** The symbol of its spelling in a path; one that is written with a slash stays as it is. */
export const slashed = (inPath: string): string => inPath.replace('-', '/');
