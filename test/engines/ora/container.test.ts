import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { describe, expect, it } from 'vitest'
import type { ComponentOf } from '../../../engines/contract/component.ts'
import { packContainer } from '../../../engines/ora/machine/pack-container.ts'
import { agentBundle } from '../../../engines/ora/machine/spec.ts'
import { tempFolder } from '../../helpers/temp.ts'
import { waitFor } from '../../helpers/wait-for.ts'
import { busyboxImage, inside, NO_BUSYBOX, SERVES, storeBase, webApp } from '../container-image.ts'
import { HAS_WALLS, NO_WALLS } from '../pip/supervisor/jar.ts'
import { component, useCloud } from '../use-cloud.ts'
import { Stage, spec } from './machine/stage.ts'

const cloud = useCloud('ora')
const possible = HAS_WALLS && NO_BUSYBOX === ''

describe.skipIf(!possible)(`a container on ora’s machine${NO_WALLS}${NO_BUSYBOX}`, () => {
  it('is fetched, unpacked and run by the machine’s own agent, and follows the next release without a failed request', async () => {
    const { web, pack } = await containers()
    const parts = [{ component: web, artifact: await pack('hello') }]
    const attached = await cloud.open(parts)
    const { outputs } = await attached.stack.up()
    const url = String(outputs.web?.value.url)
    expect(await (await fetch(url)).text()).toBe('hello')
    expect((await inside(url, 'ls /')).split('\n')).toEqual(['app', 'bin', 'dev', 'etc', 'home', 'proc', 'tmp'])
    expect(await inside(url, 'echo $(id -u) $GREETING, $OF; cat /etc/passwd')).toMatch(
      /^1234 moin, the image\nroot:[^\n]*\napp:[^\n]*$/,
    )
    // The bucket holds room for the image, which is an object by its digest.
    const [object] = (await cloud.inventory()).filter(({ urn }) => urn.endsWith('::web-release'))
    expect(object?.inputs.object).toMatch(/^[0-9a-f]{64}\.tgz$/)

    const answers: string[] = []
    let going = true
    const visiting = (async () => {
      while (going) answers.push(await (await fetch(url)).text())
    })()
    parts[0] = { component: web, artifact: await pack('moin') }
    await attached.stack.up()
    await waitFor('the next release', () => answers.at(-1) === 'moin')
    going = false
    await visiting
    expect([...new Set(answers)]).toEqual(['hello', 'moin'])
    await attached.stack.destroy()
    expect(await cloud.inventory()).toEqual([])
    await cloud.forget(attached)
  })

  it('is ended above its memory and started again, and leaves nothing of what it wrote', async () => {
    const { web, pack } = await containers()
    const artifact = await pack('hello')
    if (artifact.travels !== 'file') throw new Error('expected a file')
    const stage = new Stage()
    stage.objects.set(`${artifact.digest}.tgz`, await readFile(artifact.path))
    stage.want(spec(web.name, artifact.digest, { archive: 'tgz', memoryMb: 64 }))
    const folder = await tempFolder('machine')
    const agent = await stage.start(folder, {}, await bundled())
    await agent.look()
    const url = `http://127.0.0.1:${agent.port}/`
    expect(await inside(url, 'echo x >/etc/made-of; cat /etc/made-of')).toBe('x')
    await inside(url, '(dd if=/dev/zero of=/dev/null bs=300M count=300 &)').catch(() => undefined)
    await waitFor('its end', () => stage.lines.some((line) => /web held \d+ MiB of memory, and has 64/.test(line)))
    const again = await waitFor('the next run', async () => (await fetch(url).catch(() => undefined))?.ok)
    expect(again).toBe(true)
    expect(await inside(url, 'cat /etc/made-of')).toBe('busybox')
    await agent.close()
    const homes = await readdir(join(folder, 'homes'))
    const left = await Promise.all(homes.map((name) => readdir(join(folder, 'homes', name))))
    expect(left.flat()).toEqual([])
  })

  it('is the same file for the same image, and for Arm', async () => {
    const { pack } = await containers()
    const [one, two, other] = [await pack('hello'), await pack('hello'), await pack('moin')]
    const digests = [one, two, other].map((each) => (each.travels === 'file' ? each.digest : ''))
    expect(digests[0]).toBe(digests[1])
    expect(digests[0]).not.toBe(digests[2])
  })
})

/** A component, and what packs it with a page of its own. Its base says that it is for Arm, and is for this machine. */
async function containers() {
  const artifacts = await tempFolder('artifacts')
  const base = await storeBase(artifacts, await busyboxImage({ architecture: 'arm64' }), 'arm64')
  const given = { kind: 'container', name: 'web', base, command: SERVES, env: { GREETING: 'moin' } } as const
  const web: ComponentOf<'container'> = component({ ...given })
  const pack = async (text: string) => packContainer(await webApp(text), web, await tempFolder('packed'), { artifacts })
  return { web, pack }
}

/** The agent as it comes to a machine. */
async function bundled(): Promise<string> {
  const folder = join(await tempFolder('agent'), 'agent')
  await mkdir(folder)
  for (const [name, text] of Object.entries(JSON.parse(agentBundle().text) as Record<string, string>))
    await writeFile(join(folder, name), text)
  return pathToFileURL(join(folder, 'agent.mjs')).href
}
