import { mkdir, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { containerStart } from '../../../../engines/parts/container/start-of.ts'
import { tempFolder } from '../../../helpers/temp.ts'

const LIST = 'root:x:0:0::/root:/bin/sh\napp:x:1234:1235::/home/app:/bin/sh\n'

async function startWith(makeEtc: (etc: string) => Promise<unknown>) {
  const root = await tempFolder('rootfs')
  await makeEtc(join(root, 'etc'))
  const config = { entrypoint: ['/run'], cmd: [], env: [], workingDir: '', user: 'app' }
  const { uid, gid, environment } = await containerStart(config, root)
  return { uid, gid, home: environment.HOME }
}

it('an image’s user is whom its own list names', async () => {
  const listed = await startWith(async (etc) => {
    await mkdir(etc)
    await writeFile(join(etc, 'passwd'), LIST)
  })
  expect(listed).toEqual({ uid: 1234, gid: 1235, home: '/home/app' })
})

it.each<[string, (etc: string) => Promise<unknown>]>([
  ['a folder', (etc) => mkdir(join(etc, 'passwd'), { recursive: true })],
  ['behind a link', (etc) => symlink('/etc', etc)],
  ['in no folder', (etc) => writeFile(etc, LIST)],
  [
    'too large to be one',
    async (etc) => {
      await mkdir(etc)
      await writeFile(join(etc, 'passwd'), LIST + '\n'.repeat(1024 ** 2))
    },
  ],
])('an image whose list of users is %s runs as nobody, and the list is left unread', async (_, makeEtc) => {
  expect(await startWith(makeEtc)).toEqual({ uid: 65_532, gid: 65_532, home: '/tmp' })
})
