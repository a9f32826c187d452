import { startServer } from '../../../../platform/store/server/start.ts'

/** A platform's process as far as its database goes: starts it, says so, and ends when its input does. */
const [data = '', cache = ''] = process.argv.slice(2)
const server = await startServer({
  data,
  cache,
  durable: false,
  log: (message) => console.log(JSON.stringify({ message })),
}).catch((error) => {
  console.log(JSON.stringify({ error: { code: error.code, message: error.message } }))
  process.exit(1)
})
console.log(JSON.stringify({ url: server.url, port: server.port }))
process.stdin.resume().on('end', async () => {
  await server.stop()
  console.log(JSON.stringify({ stopped: true }))
  process.exit(0)
})
