import { describe, expect, it } from 'vitest'
import { readingOf, watching } from '../look.ts'
import { component, packed, useCloud } from '../use-cloud.ts'

const cloud = useCloud('ggc')

/** What is asked without an SDK, by the names under which Google's SDKs look for the services. */
const NOTES = {
  'data.mjs': `const [, project] = /firestore:\\/\\/([^/]+)\\//.exec(process.env.NOTES_URL)
const documents = 'http://' + process.env.FIRESTORE_EMULATOR_HOST + '/v1/projects/' + project + '/databases/(default)/documents/'
const objects = process.env.STORAGE_EMULATOR_HOST
const bucket = (process.env.FILES_URL ?? 'gs://demo-files-a1b2c3-objects').slice('gs://'.length)
const json = { 'content-type': 'application/json' }
export const readNote = (id) => fetch(documents + 'notes/' + id)
export const writeNote = (id, text) =>
  fetch(documents + 'notes/' + id, { method: 'PATCH', headers: json, body: JSON.stringify({ fields: { text: { stringValue: text } } }) })
export const readFile = (name) => fetch(objects + '/storage/v1/b/' + bucket + '/o/' + encodeURIComponent(name) + '?alt=media')
export const writeFile = (name, body) =>
  fetch(objects + '/upload/storage/v1/b/' + bucket + '/o?uploadType=media&name=' + encodeURIComponent(name), { method: 'POST', body })
`,
  'index.js': `import { readFile, readNote, writeFile, writeNote } from './data.mjs'
export default async function (request) {
  const [, kind, id] = new URL(request.url).pathname.split('/')
  if (kind === 'notes' && request.method === 'PUT') return writeNote(id, await request.text())
  if (kind === 'files' && request.method === 'PUT') return writeFile(id, await request.arrayBuffer())
  if (kind === 'files') return readFile(id)
  const found = await readNote(id)
  const body = await found.json()
  return found.ok ? new Response(body.fields.text.stringValue) : Response.json(body, { status: found.status })
}`,
  'job.js': `import { readNote, writeNote } from './data.mjs'
const before = await readNote('runs')
const runs = before.ok ? Number((await before.json()).fields.text.stringValue) : 0
const written = await writeNote('runs', String(runs + 1))
if (!written.ok) throw new Error(await written.text())`,
  'package.json': '{"type":"module"}',
}

const notes = component({ kind: 'database', name: 'notes', model: 'document' })
const files = component({ kind: 'store', name: 'files', sizeMb: 50 })
const api = component({ kind: 'function', name: 'api', uses: ['notes', 'files'] })
const hourly = component({ kind: 'job', name: 'hourly', uses: ['notes'], schedule: '30 * * * *' })
/** Knows the addresses, and is not said to use what is there. */
const stranger = component({
  kind: 'function',
  name: 'stranger',
  env: { NOTES_URL: 'firestore://pipi-sandbox-412907/(default)', FILES_URL: 'gs://demo-files-a1b2c3-objects' },
})

describe('functions, a job, a database and a store on ggc', () => {
  it('keep what is stored over a redeployment, let in only what uses it, run by the clock until paused, and leave nothing', async () => {
    const parts = [await packed(cloud.engine, notes), await packed(cloud.engine, files)]
    parts.push(await packed(cloud.engine, api, NOTES), await packed(cloud.engine, hourly, NOTES))
    const { stack } = await cloud.open(parts)
    const { outputs } = await stack.up()
    expect(outputs.notes?.value.url).toBe('firestore://pipi-sandbox-412907/(default)')
    expect(outputs.files?.value.url).toBe('gs://demo-files-a1b2c3-objects')
    const at = (path: string) => new URL(path, String(outputs.api?.value.url))
    const bytes = Buffer.from([0, 255, 1, 254])
    expect((await fetch(at('notes/first'))).status).toBe(404)
    expect((await fetch(at('notes/first'), { method: 'PUT', body: 'grüße' })).status).toBe(200)
    expect((await fetch(at('files/raw'), { method: 'PUT', body: bytes })).status).toBe(200)

    const { readings } = (await cloud.engine.watch.usage?.(await watching(cloud))) ?? { readings: [] }
    const read = (meter: string) => readingOf(readings, meter)?.total
    expect([read('gcp-firestore.reads'), read('gcp-firestore.writes')]).toEqual([1, 1])
    expect([read('gcp-storage.class-a'), read('gcp-storage.class-b')]).toEqual([1, 0])
    expect(read('gcp-firestore.storage')).toBeGreaterThan(0)
    const found = (await cloud.engine.watch.survey?.(await watching(cloud))) ?? []
    expect(found.map(({ type }) => type)).toEqual(
      expect.arrayContaining(['gcp:firestore/database:Database', 'gcp:cloudscheduler/job:Job']),
    )
    expect(found.find(({ id }) => id === 'demo-files-a1b2c3-objects')?.inputs).toMatchObject({
      labels: { 'pipi-size-mb': '50' },
    })

    // Half past comes twice within two hours.
    await cloud.sandbox.admin('POST', '/clock', { forward: '2h' })
    expect(await (await fetch(at('notes/runs'))).text()).toBe('2')
    const [private_] = (await cloud.inventory()).filter((one) => one.id.endsWith('/functions/demo-hourly-a1b2c3'))
    expect((await fetch(String(private_?.outputs.url))).status).toBe(403)

    parts[2] = await packed(cloud.engine, api, { ...NOTES, 'new.txt': 'a new release' })
    parts.push(await packed(cloud.engine, stranger, NOTES))
    const again = await stack.up()
    expect(await (await fetch(at('notes/first'))).text()).toBe('grüße')
    expect(Buffer.from(await (await fetch(at('files/raw'))).arrayBuffer())).toEqual(bytes)
    const other = String(again.outputs.stranger?.value.url)
    expect((await fetch(new URL('notes/first', other))).status).toBe(403)
    expect((await fetch(new URL('files/raw', other))).status).toBe(403)

    const [job] = (await cloud.inventory()).filter((one) => one.type.includes('cloudscheduler'))
    expect(cloud.engine.rules[job?.type ?? '']?.suspended?.(job?.inputs ?? {})).toMatchObject({ paused: true })
    const pause = (paused: boolean) =>
      cloud.sandbox.admin('POST', '/drift', { type: job?.type, id: job?.id, set: { paused } })
    await pause(true)
    await cloud.sandbox.admin('POST', '/clock', { forward: '3h' })
    await pause(false)
    expect(await (await fetch(at('notes/runs'))).text()).toBe('2')

    expect(Object.keys((await stack.up()).summary.resourceChanges ?? {})).toEqual(['same'])
    expect(Object.keys((await stack.refresh()).summary.resourceChanges ?? {})).toEqual(['same'])
    await expectFound()
    expect(await cloud.billed()).toBe(0)
    await stack.destroy()
    expect(await cloud.inventory()).toEqual([])
  })

  it('hold users’ data where a bucket or a database does, and not where a source lies', () => {
    const { rules } = cloud.engine
    expect(rules['gcp:firestore/database:Database']).toMatchObject({ stateful: true })
    const bucket = rules['gcp:storage/bucket:Bucket']
    expect(bucket?.stateful).toBe(true)
    expect([bucket?.disposable?.('api-bucket'), bucket?.disposable?.('files-objects')]).toEqual([true, false])
  })
})

/** What carries labels has to carry ours, which a guard adds and this test does not; the rest is found by its names. */
async function expectFound(): Promise<void> {
  const reader = cloud.reader()
  try {
    for (const one of await cloud.inventory()) {
      const rule = cloud.engine.rules[one.type]
      const lookup = rule?.lookup(one.inputs) ?? {}
      expect(JSON.stringify(lookup), one.type).not.toContain('null')
      // An object is written again.
      const expected = rule?.tagProperty === null && !one.type.endsWith(':BucketObject') ? one.id : undefined
      expect(await rule?.find(lookup, reader, 'w1'), one.type).toBe(expected)
    }
  } finally {
    reader.close()
  }
}
