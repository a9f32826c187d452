import { readFile } from 'node:fs/promises'
import { z } from 'zod'
import { PipiError } from '../../../catalog/errors.ts'
import type { Login } from './client.ts'

const entrySchema = z.looseObject({
  auth: z.string().optional(),
  username: z.string().optional(),
  password: z.string().optional(),
  identitytoken: z.string().optional(),
})
const configSchema = z.looseObject({
  auths: z.record(z.string(), entrySchema).default({}),
  credsStore: z.string().optional(),
  credHelpers: z.record(z.string(), z.string()).default({}),
})

export interface RegistryLogin {
  /** Whether the file names this registry at all: its owner lets it be asked, with or without a login. */
  named: boolean
  login?: Login
}

/** What a Docker `config.json` says of one registry (`host` or `host:port`). Throws `build.failed` where it cannot be used. */
export async function loginFor(host: string, file: string | undefined): Promise<RegistryLogin> {
  if (file === undefined) return { named: false }
  const { auths, credsStore, credHelpers } = await readConfig(file)
  const key = Object.keys(auths).find((one) => hostOf(one) === host)
  const entry = key === undefined ? undefined : auths[key]
  const login = entry === undefined ? undefined : loginOf(entry, host)
  const helper = credHelpers[host] ?? (entry === undefined ? undefined : credsStore)
  if (login === undefined && helper !== undefined) {
    throw wrong(
      `The login for ${host} is kept by docker-credential-${helper}, and no programs are run for logins`,
      `Write it into "auths" of PIPI_DOCKER_CONFIG: ${JSON.stringify({ [host]: { auth: '<base64 of user:password>' } })}`,
    )
  }
  return { named: entry !== undefined, ...(login === undefined ? {} : { login }) }
}

async function readConfig(file: string): Promise<z.infer<typeof configSchema>> {
  try {
    return configSchema.parse(JSON.parse(await readFile(file, 'utf8')))
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    // What does not parse is not repeated: it holds passwords.
    throw wrong(
      `The Docker configuration cannot be read: ${code ?? 'it is no JSON of this form'}`,
      'PIPI_DOCKER_CONFIG names a config.json as "docker login" writes it.',
    )
  }
}

/** Docker writes hosts, addresses, and one of its own for Docker Hub. */
function hostOf(key: string): string {
  const host = key.replace(/^https?:\/\//, '').split('/')[0] ?? ''
  return ['docker.io', 'index.docker.io'].includes(host) ? 'registry-1.docker.io' : host
}

function loginOf(entry: z.infer<typeof entrySchema>, host: string): Login | undefined {
  const { auth, identitytoken } = entry
  const [, user, word] = /^([^:]*):([\s\S]*)$/.exec(Buffer.from(auth ?? '', 'base64').toString('utf8')) ?? []
  const username = user ?? entry.username
  // Some write a zero byte after it.
  const password = (word ?? entry.password)?.replace(/\0+$/, '')
  if (identitytoken) return { username: username ?? '<token>', password: password ?? '', identityToken: identitytoken }
  if (username !== undefined && password !== undefined) return { username, password }
  if (auth === undefined || auth === '') return undefined
  throw wrong(`The login for ${host} cannot be read`, 'Its "auth" has to be the base64 of user:password.')
}

function wrong(message: string, hint: string): PipiError {
  return new PipiError('build.failed', message, { hint })
}
