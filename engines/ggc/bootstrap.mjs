// The Functions Framework's side: its request (of Express, with rawBody) becomes a plain one, the answer is written back.
import { answer } from './answer.mjs'

export async function handle(req, res) {
  const url = req.originalUrl ?? req.url
  const cut = url.indexOf('?')
  const answered = await answer({
    method: req.method,
    path: cut < 0 ? url : url.slice(0, cut),
    query: cut < 0 ? '' : url.slice(cut + 1),
    headers: Object.fromEntries(Object.entries(req.headers).map(([name, value]) => [name, [value].flat().join(', ')])),
    body: req.rawBody ?? Buffer.alloc(0),
  })
  res.statusCode = answered.status
  for (const [name, value] of Object.entries(answered.headers)) res.setHeader(name, value)
  res.end(answered.body)
}
