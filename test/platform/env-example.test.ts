import { readFileSync } from 'node:fs';
import test from 'ava';
import { envExample } from '../../platform/config/env-example.ts';

test('.env.example: as the schema says', (t) => {
  t.is(readFileSync(new URL('../../.env.example', import.meta.url), 'utf8'), envExample());
});
