import { rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { PipiError } from '../catalog/errors.ts'
import { cacheFolder } from '../stacks/toolchain/cache-folder.ts'
import { ensurePulumi } from '../stacks/toolchain/ensure-pulumi.ts'
import { type Counts, closingLine, countTests } from './run/counts.ts'
import { runPart } from './run/part.ts'

// What `npm test` runs: everything, or only the test files named as arguments. The last line is the sum.

const root = resolve(fileURLToPath(new URL('..', import.meta.url)))
const bin = (name: string) => join(root, 'node_modules', name)
const files = process.argv.slice(2)
const report = join(root, 'node_modules/.cache', `vitest-${process.pid}.json`)

const checks = [
  { name: 'lint', args: [bin('@biomejs/biome/bin/biome'), 'check', '.'] },
  { name: 'types', args: [bin('typescript/bin/tsc')] },
  { name: 'unused', args: [bin('knip/bin/knip.js')] },
]

process.exitCode = await main()

async function main(): Promise<number> {
  if (!(await toolchain())) return 1
  const sum: Counts = { passed: 0, failed: 0, skipped: 0 }
  for (const { name, args } of files.length > 0 ? [] : checks) {
    if (!(await runPart(name, args, root)).ok) sum.failed++
  }
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`]
  const tests = await runPart('tests', [bin('vitest/vitest.mjs'), 'run', ...reporters, ...files], root)
  const counted = countTests(report, tests.ok)
  rmSync(report, { force: true })
  for (const key of ['passed', 'failed', 'skipped'] as const) sum[key] += counted[key]
  console.log(closingLine(sum))
  return sum.failed === 0 ? 0 : 1
}

/** Before all else, as it may take minutes where nothing is there yet. */
async function toolchain(): Promise<boolean> {
  try {
    const { path, version } = await ensurePulumi({
      cacheDir: cacheFolder(process.env),
      environment: process.env,
      report: (line) => console.error(line),
    })
    console.log(`✔ toolchain: Node.js ${process.versions.node}, Pulumi ${version} (${path})`)
    return true
  } catch (error) {
    const { message, hint } = PipiError.from(error)
    console.error(`✖ toolchain: ${message}\nhint: ${hint ?? ''}`)
    console.log(closingLine({ passed: 0, failed: 1, skipped: 0 }))
    return false
  }
}
