import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { tempFolder } from './temp.ts'
import { filesThatHold, holds } from './traces.ts'

const SECRET = 'first line of it\nsecond "line" of it'
const base64 = (text: string) => Buffer.from(text).toString('base64')

it.each([
  ['as it is', `x${SECRET}x`],
  ['as JSON', JSON.stringify({ a: SECRET })],
  ['as JSON in JSON', JSON.stringify({ a: JSON.stringify({ b: SECRET }) })],
  ['in hex', Buffer.from(SECRET).toString('hex')],
  ['percent-encoded', `https://x/?k=${encodeURIComponent(SECRET)}`],
  ['in base64', base64(SECRET)],
  ['in base64 at any offset', ['a', 'ab', 'abc', 'abcd'].map((before) => base64(before + SECRET)).join(' ')],
  ['in base64 after other such letters', `key_${base64(SECRET)}`],
  ['in base64 of JSON in base64', base64(JSON.stringify({ data: base64(JSON.stringify(SECRET)) }))],
])('finds a secret %s', (_how, text) => {
  expect(holds(Buffer.from(text), SECRET)).toBe(true)
})

it('finds nothing where nothing is, and names the file where something is', async () => {
  expect(holds(Buffer.from(base64('another text altogether, quite long')), SECRET)).toBe(false)
  const folder = await tempFolder()
  await writeFile(join(folder, 'clean'), 'nothing')
  await writeFile(join(folder, 'leaky'), base64(SECRET))
  expect(await filesThatHold(folder, SECRET)).toEqual([join(folder, 'leaky')])
})
