import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { componentSchema } from '../../../../engines/contract/component.ts'
import { MOST_MB } from '../../../../engines/ora/machine/size.ts'
import { refuses } from '../../../../engines/ora/rules.ts'
import { MEMORY_FILES_MIB } from '../../../../engines/parts/container/memory-files.ts'
import { rules } from '../../../../engines/pip/rules.ts'

const ENGINES = join(import.meta.dirname, '../../../../engines')

it.each(['parts/container/enter.sh', 'pip/supervisor/child/walls.sh'])(
  'what %s keeps in memory is bounded, and no more than is counted',
  async (script) => {
    const mounts = (await readFile(join(ENGINES, script), 'utf8')).match(/mount -t tmpfs .*/g) ?? []
    const sizes = mounts.map((line) => /size=(\d+)([km])/.exec(line))
    expect(sizes.length).toBeGreaterThan(0)
    const mib = sizes.map((size) => Number(size?.[1]) / (size?.[2] === 'm' ? 1 : 1024))
    expect(mib.reduce((sum, one) => sum + one, 0)).toBeLessThanOrEqual(MEMORY_FILES_MIB)
  },
)

it.each([
  ['jvm', MEMORY_FILES_MIB],
  ['container', MEMORY_FILES_MIB],
  ['node', 0],
])('a host holds memory for the files in memory of a process of the kind %s: %i MiB', (runtime, beside) => {
  const answer = rules['pip:host/process:Process']?.demand(
    { runtime, memory: 200, bytes: 1, unpacked: 1 },
    { plan: 'own-host', region: 'host', expect: { requests: 0, egressMb: 0 } },
  )
  if (!answer?.ok) throw new Error('refused')
  expect(answer.demand.amounts.find(({ meter }) => meter === 'pip-host.memory')?.amount).toBe(200 + beside)
})

it('so does Oracle’s machine for a container', () => {
  const web = (memoryMb: number) =>
    componentSchema.parse({ name: 'web', kind: 'container', base: `a.example/b@sha256:${'a'.repeat(64)}`, memoryMb })
  expect(refuses?.(web(MOST_MB - MEMORY_FILES_MIB))).toBeUndefined()
  expect(refuses?.(web(MOST_MB))).toContain(`it asks for ${MOST_MB + MEMORY_FILES_MIB} MiB`)
})
