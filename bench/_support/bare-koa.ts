/** The least a Koa route can be, as a process of its own: what the orders benchmark is compared with. */
import Koa from 'koa';

const app = new Koa();
app.use((context) => {
  context.status = 201;
  context.body = { status: 'ok' };
});
const server = app.listen(0, '127.0.0.1', () => {
  const address = server.address();
  process.send?.(typeof address === 'object' ? address?.port : undefined);
});
