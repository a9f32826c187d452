// The group's open-data service: a small JSON API over the files under data/. Plain Node, no dependencies.
// It listens on PORT, as every platform that runs it expects.
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { answer } from './answer.js'

const data = Object.fromEntries(
  ['group', 'people', 'projects', 'publications'].map((name) => [
    name,
    JSON.parse(readFileSync(new URL(`../data/${name}.json`, import.meta.url), 'utf8')),
  ]),
)

const server = createServer((request, response) => {
  const { status, body } = answer(data, request.method ?? 'GET', request.url ?? '/')
  response.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    'access-control-allow-origin': '*',
    'cache-control': status === 200 ? 'public, max-age=60' : 'no-store',
    'x-content-type-options': 'nosniff',
  })
  response.end(request.method === 'HEAD' ? undefined : `${JSON.stringify(body, null, 2)}\n`)
})

server.listen(Number(process.env.PORT ?? 8080), process.env.HOST, () => {
  const address = server.address()
  console.log(`open-data service listens on ${typeof address === 'string' ? address : address?.port}`)
})

for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, () => {
    server.close()
    server.closeAllConnections()
  })
}
