import { execFile } from 'node:child_process'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { clearFolder } from '../../parts/build/clear-folder.ts'
import { buildUser } from '../../parts/build/walls/build-user.ts'
import { enterImage } from '../../parts/container/enter.mjs'
import { PATH } from './container.ts'

/** What a host needs to run containers. */
export const CONTAINERS_NEED =
  'Containers need Linux with util-linux 2.35 or newer (unshare, setpriv) on the host, and a supervisor that is root or a kernel that lets its user make namespaces (user.max_user_namespaces above 0; where AppArmor forbids it, kernel.apparmor_restrict_unprivileged_userns=0).'

/** Whether this host can keep a container apart from everything else. Once it could, that is so. */
export class ContainerWalls {
  readonly #path: string
  #ready = false

  /** `path`: where its tools are looked for. */
  constructor(path = PATH) {
    this.#path = path
  }

  async state(): Promise<{ ready: boolean; why?: string }> {
    if (this.#ready) return { ready: true }
    const why = await whyNot(this.#path)
    this.#ready = why === undefined
    return why === undefined ? { ready: true } : { ready: false, why }
  }
}

/** Goes the whole way in, with the host's own files in place of an image's, and runs a program that does nothing. */
async function whyNot(path: string): Promise<string | undefined> {
  if (process.platform !== 'linux') return 'it is no Linux'
  const folder = await mkdtemp(join(tmpdir(), 'pipi-walls-'))
  try {
    const user = await buildUser('host/nobody')
    const nobody = { at: '/', uid: 65_532, gid: 65_532 }
    const [file, ...args] = enterImage({
      ...{ folder, image: '/', who: nobody, owner: user?.uid },
      ...{ environment: { PATH }, written: false },
    })
    const options = { env: { PATH: path }, cwd: '/', timeout: 10_000, killSignal: 'SIGKILL' } as const
    await promisify(execFile)(file as string, [...args, 'true'], options)
    return undefined
  } catch (error) {
    const { stderr, message, code } = error as { stderr?: string; message: string; code?: unknown }
    if (code === 'ENOENT') return 'there is no unshare'
    return (stderr?.trim().split('\n').at(-1) || message).slice(0, 200)
  } finally {
    await clearFolder(folder)
  }
}
