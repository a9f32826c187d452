import { execFileSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { debianPackages } from './debian.ts'

export interface RedisProgram {
  program: string
  /** What it needs to find its libraries. */
  environment: Record<string, string>
}

const PACKAGES = ['redis-server', 'redis-tools', 'libjemalloc2', 'liblzf1', 'libatomic1']
const SERVER = 'usr/bin/redis-server'

/** A Redis or Valkey of this machine, else Debian's unpacked into the cache folder, else why there is none. */
export async function redisProgram(): Promise<RedisProgram | { missing: string }> {
  const found = onPath()
  if (found !== undefined) return { program: found, environment: {} }
  const unpacked = await debianPackages('redis', PACKAGES, 'usr/bin/redis-check-rdb')
  if ('missing' in unpacked) return unpacked
  const lib = join(unpacked.folder, 'usr/lib')
  const places = readdirSync(lib).filter((name) => name.includes('-linux-gnu'))
  return {
    program: join(unpacked.folder, SERVER),
    environment: { LD_LIBRARY_PATH: places.map((name) => join(lib, name)).join(':') },
  }
}

function onPath(): string | undefined {
  try {
    return execFileSync('sh', ['-c', 'command -v redis-server || command -v valkey-server'], {
      encoding: 'utf8',
    }).trim()
  } catch {
    return undefined
  }
}
