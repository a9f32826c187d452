import type { Check } from './doctor/check.ts'
import { disk, memory, portFree, systemUser, writable } from './doctor/machine.ts'
import { go, node, postgres, pulumi, tool } from './doctor/tools.ts'

export interface DoctorOptions {
  /** The data folder; it need not exist yet. */
  dataDir: string
  cacheDir: string
  /** Port of the HTTP API. */
  port: number
  environment: Record<string, string | undefined>
  /** A managed PostgreSQL is used: neither its programs nor a system user are needed. */
  managedDatabase?: boolean
}

/** Every piece that can be missing or too old, in the order in which it is needed. None changes anything. */
export function checks(options: DoctorOptions): Check[] {
  const { dataDir, cacheDir, port, environment, managedDatabase = false } = options
  return [
    { name: 'Node.js', run: async () => node() },
    tool(
      'npm',
      ['--version'],
      '10.0.0',
      'install Node.js 20 or newer with npm (https://nodejs.org/en/download)',
      environment,
    ),
    tool('git', ['--version'], '2.30.0', 'install git 2.30 or newer (apt-get install git)', environment),
    { name: 'Pulumi CLI', run: () => pulumi(cacheDir, environment) },
    { name: 'Go', run: () => go(cacheDir, environment) },
    ...(managedDatabase
      ? []
      : [
          { name: 'PostgreSQL', run: () => postgres() },
          { name: 'system user', run: () => systemUser(environment) },
        ]),
    { name: 'data folder', run: () => writable(dataDir, 'choose another with --data') },
    { name: 'cache folder', run: () => writable(cacheDir, 'choose another with PIPI_CACHE_DIR') },
    { name: 'free disk', run: () => disk(dataDir) },
    { name: 'free memory', run: async () => memory() },
    { name: `port ${port}`, run: () => portFree(port) },
  ]
}
