import { execFile } from 'node:child_process'
import { chmod, mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { expect, it, onTestFinished } from 'vitest'
import { giveTo } from '../../../../engines/parts/build/walls/build-user.ts'
import { tempFolder } from '../../../helpers/temp.ts'

const MODULE = pathToFileURL(join(import.meta.dirname, '../../../../engines/ora/machine/agent/clear-runs.mjs')).href
/** Root passes every closed folder, and a machine's agent is not root. */
const NOBODY = { uid: 61_001, gid: 61_001 }
const AS_ROOT = process.getuid?.() === 0

it('what runs left is removed with folders that they closed, and what cannot be removed ends nobody', async () => {
  const homes = await tempFolder('homes', 0o755)
  const closed = join(homes, 'web-0', 'run-1', 'upper')
  for (const [folder, mode] of [['full', 0o555] as const, ['shut', 0o000] as const]) {
    await mkdir(join(closed, folder), { recursive: true })
    await writeFile(join(closed, folder, 'file'), '')
    await chmod(join(closed, folder), mode)
  }
  await mkdir(join(homes, 'web-1', 'run-2'), { recursive: true })
  await mkdir(join(homes, 'web-1', 'kept'))
  if (AS_ROOT) await giveTo(NOBODY, homes)
  await mkdir(join(homes, 'other-0', 'run-3'), { recursive: true })
  // Nothing goes out of a folder that is not ours to write.
  await chmod(join(homes, 'other-0'), 0o555)
  onTestFinished(() => chmod(join(homes, 'other-0'), 0o755))

  const script = `const { clearRuns } = await import('${MODULE}'); await clearRuns(process.argv[1], console.log)`
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script, homes], {
    cwd: '/',
    ...(AS_ROOT ? NOBODY : {}),
  })
  expect(stdout).toMatch(/^what a run wrote could not be removed: EACCES[^\n]*run-3'\n$/)
  expect(await readdir(join(homes, 'web-0'))).toEqual([])
  expect(await readdir(join(homes, 'web-1'))).toEqual(['kept'])
})
