import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ProcessSpec, StoreSpec } from '../../../../engines/pip/supervisor/spec.ts'
import { waitFor } from '../../../helpers/wait-for.ts'
import { openHost, specFor, textOf } from './host.ts'

const MINE = { 'pipi-workspace': 'w-1' }
const KEEPER = {
  'server.js': `
    const fs = require('fs'), { fileURLToPath } = require('url'), { DatabaseSync } = require('node:sqlite')
    const folder = fileURLToPath(process.env.FILES_URL)
    const attempt = (act) => { try { return String(act() ?? 'done') } catch (error) { return error.code } }
    require('http').createServer((q, r) => {
      const [, verb, name] = q.url.split('/')
      r.end({
        '': () => 'here',
        write: () => attempt(() => fs.writeFileSync(folder + name, 'kept')),
        read: () => attempt(() => fs.readFileSync(folder + name)),
        fill: () => attempt(() => fs.writeFileSync(folder + name, Buffer.alloc(3 * 2 ** 20))),
        huge: () => attempt(() => fs.writeFileSync(folder + name, Buffer.alloc(80 * 2 ** 20))),
        outside: () => attempt(() => fs.writeFileSync(folder + '../store.json', '')),
        sql: () => attempt(() => { const db = new DatabaseSync(folder + name); db.exec('create table if not exists t (a); insert into t values (1)'); return db.prepare('select count(*) as n from t').get().n }),
      }[verb]())
    }).listen(process.env.PORT)`,
}

describe('a store on a host', () => {
  const store: StoreSpec = { name: 'files', size: 5, labels: MINE }
  let host: Awaited<ReturnType<typeof openHost>>
  let user: ProcessSpec
  let url: string
  let folder: string
  beforeAll(async () => {
    host = await openHost()
    const made = await host.client.setStore(store)
    folder = fileURLToPath(made.url)
    expect(made.held).toBe(0)
    const more = { stores: ['files'], labels: MINE, environment: { FILES_URL: made.url }, memory: 192 }
    user = await specFor(KEEPER, more)
    url = (await host.client.setProcess(user)).url
  })
  afterAll(() => host.supervisor.close())

  it('is read and written by its users, over releases and restarts of the supervisor', async () => {
    expect(await textOf(`${url}write/a.txt`)).toBe('done')
    expect(await textOf(`${url}sql/data.db`)).toBe('1')
    await host.client.setProcess({ ...user, memory: 160 })
    await host.supervisor.close()
    host = await openHost({}, host.folder)
    await waitFor('it to answer', async () => (await textOf(url).catch(() => '')) === 'here')
    expect(await textOf(`${url}read/a.txt`)).toBe('kept')
    expect(await textOf(`${url}sql/data.db`)).toBe('2')
    expect((await host.client.store('files'))?.held).toBe(1)
  })

  it("is nobody else's: not that of another workspace, and no way out of it", async () => {
    expect(await textOf(`${url}outside/x`)).toBe('ERR_ACCESS_DENIED')
    const stranger = { ...user, name: 'stranger', labels: { 'pipi-workspace': 'w-2' } }
    await expect(host.client.setProcess(stranger)).rejects.toMatchObject({ code: 'conflict.state' })
    await expect(host.client.setStore({ ...store, labels: stranger.labels })).rejects.toThrow(/another workspace/)
    expect((await stat(folder)).mode & 0o777).toBe(0o700)
  })

  it('takes no file beyond what is granted, and ends who fills it beyond with many', async () => {
    expect(await textOf(`${url}huge/a.bin`)).toBe('EFBIG')
    await textOf(`${url}write/a.bin`)
    const before = await host.client.process('demo')
    for (const name of ['b.bin', 'c.bin']) await textOf(`${url}fill/${name}`)
    const status = await waitFor('it to be started again', async () => {
      const found = await host.client.process('demo')
      return found?.state === 'running' && found.pid !== before?.pid ? found : undefined
    })
    expect(status.lastLines.join('\n')).toMatch(/filled the store files with \d+ MiB, granted are 5/)
    // It may look and tidy up; nothing of it is lost.
    expect(await textOf(`${url}read/a.txt`)).toBe('kept')
  })

  it('grows in place, and does not become smaller than what is in it', async () => {
    await expect(host.client.setStore({ ...store, size: 2 })).rejects.toThrow(/cannot become 2/)
    expect(await host.client.setStore({ ...store, size: 20 })).toMatchObject({ spec: { size: 20 } })
  })

  it('is not removed while somebody uses it, and then wholly', async () => {
    await expect(host.client.removeStore('files')).rejects.toThrow(/still used by demo/)
    expect(await readFile(join(folder, 'a.txt'), 'utf8')).toBe('kept')
    await host.client.removeProcess('demo')
    await mkdir(join(folder, 'deep'))
    await writeFile(join(folder, 'deep/file'), 'x')
    await host.client.removeStore('files')
    expect(await readdir(join(host.folder, 'stores'))).toEqual([])
    expect(await host.client.store('files')).toBeUndefined()
    await host.client.removeStore('files')
  })
})
