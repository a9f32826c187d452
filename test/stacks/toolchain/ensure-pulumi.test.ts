import { chmod, mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { PipiError } from '../../../catalog/errors.ts'
import { ensurePulumi } from '../../../stacks/toolchain/ensure-pulumi.ts'
import type { ProvideOptions } from '../../../stacks/toolchain/install-pulumi.ts'
import { PULUMI_VERSION } from '../../../stacks/toolchain/version.ts'
import { tempFolder } from '../../helpers/temp.ts'

describe('ensurePulumi', () => {
  it('takes the one on PATH when it is new enough', async () => {
    const path = await tempFolder()
    await fakePulumi(path, '3.999.1')
    const found = await ensurePulumi({ cacheDir: await tempFolder(), environment: { PATH: path } })
    expect(found).toEqual({ path: join(path, 'pulumi'), version: '3.999.1', from: 'path' })
  })

  it('passes over one on PATH that is too old, of another major version, or does not run', async () => {
    const cacheDir = await tempFolder()
    for (const version of ['3.1.0', '4.0.0', 'broken']) {
      const path = await tempFolder()
      await fakePulumi(path, version)
      const found = await ensurePulumi({
        cacheDir,
        environment: { PATH: path },
        ways: { 'Go modules': brings(PULUMI_VERSION) },
      })
      expect(found.from).not.toBe('path')
    }
  })

  it('gets it once, and finds it in the cache from then on', async () => {
    const cacheDir = await tempFolder()
    const environment = { PATH: '' }
    const first = await ensurePulumi({ cacheDir, environment, ways: { "the SDK's installer": brings(PULUMI_VERSION) } })
    expect(first.from).toBe("the SDK's installer")
    const second = await ensurePulumi({ cacheDir, environment, ways: {} })
    expect(second).toEqual({ ...first, from: 'cache' })
  })

  it('lets one of several processes get it, and leaves nothing but the tool', async () => {
    const cacheDir = await tempFolder()
    let times = 0
    const provide = async (options: ProvideOptions) => {
      times++
      await brings(PULUMI_VERSION)(options)
      await mkdir(join(options.folder, 'go'))
    }
    const asked = Array.from({ length: 5 }, () =>
      ensurePulumi({ cacheDir, environment: { PATH: '' }, ways: { 'Go modules': provide } }),
    )
    await Promise.all(asked)
    expect(times).toBe(1)
    const shelf = join(cacheDir, 'pulumi')
    const [home, ...others] = await readdir(shelf)
    expect(others).toEqual([])
    expect(await readdir(join(shelf, home ?? ''))).toEqual(['bin'])
  })

  it('takes over from a process that died while getting it', async () => {
    const cacheDir = await tempFolder()
    const shelf = join(cacheDir, 'pulumi')
    await mkdir(join(shelf, '.new-left'), { recursive: true })
    const { hostname } = await import('node:os')
    await writeFile(
      join(shelf, `${PULUMI_VERSION}-${process.platform}-${process.arch}.lock`),
      `${hostname()} 999999999 0`,
    )
    await ensurePulumi({ cacheDir, environment: { PATH: '' }, ways: { 'Go modules': brings(PULUMI_VERSION) } })
    expect((await readdir(shelf)).length).toBe(1)
  })

  it('says with one error what was tried, each with its reason, and what to install', async () => {
    const fails = async () => {
      throw new Error('the wire is cut')
    }
    const asked = ensurePulumi({
      cacheDir: await tempFolder(),
      environment: { PATH: '' },
      ways: { "the SDK's installer": fails, 'Go modules': brings('3.1.0') },
    })
    const error = await asked.then(
      () => undefined,
      (thrown: unknown) => thrown,
    )
    expect(error).toBeInstanceOf(PipiError)
    const { code, message, hint } = error as PipiError
    expect(code).toBe('toolchain.missing')
    expect(message).toContain('PATH: there is no "pulumi"')
    expect(message).toContain("the SDK's installer: the wire is cut")
    expect(message).toContain('Go modules: it brought version 3.1.0')
    expect(hint).toContain('install Pulumi')
  })
})

function brings(version: string) {
  return async ({ folder }: ProvideOptions) => {
    await mkdir(join(folder, 'bin'))
    await fakePulumi(join(folder, 'bin'), version)
  }
}

async function fakePulumi(folder: string, version: string): Promise<void> {
  const script = version === 'broken' ? '#!/bin/sh\nexit 3\n' : `#!/bin/sh\necho v${version}\n`
  await writeFile(join(folder, 'pulumi'), script)
  await chmod(join(folder, 'pulumi'), 0o755)
}
