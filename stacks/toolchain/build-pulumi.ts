import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { findGo } from './find-go.ts'
import type { ProvideOptions } from './install-pulumi.ts'
import { type RunOptions, run } from './run.ts'
import { PULUMI_VERSION } from './version.ts'

const PACKAGE = 'github.com/pulumi/pulumi/pkg/v3/cmd/pulumi'
const VERSION_VARIABLE = 'github.com/pulumi/pulumi/sdk/v3/go/common/version.Version'
type Environment = Record<string, string | undefined>

/** Measured: 4 minutes on 2 cores. */
const BUILD_MS = 40 * 60_000
const REPORT_MS = 10_000

/**
 * The Pulumi CLI from its Go modules, as `pulumi-cli/go.mod` and `go.sum` pin them. What Go loads and compiles stays
 * below `folder`; what the user's own module cache holds is read from there.
 */
export async function buildPulumi({ folder, environment, report, signal }: ProvideOptions): Promise<void> {
  const go = await findGo(environment)
  if (go === undefined) throw new Error('there is no "go" on PATH nor in /usr/local/go/bin')
  const cwd = fileURLToPath(new URL('./pulumi-cli/', import.meta.url))
  const common = { cwd, timeoutMs: BUILD_MS, ...(signal === undefined ? {} : { signal }) }
  const own = await environmentOfGo(go, folder, environment, common)

  const loading = progress(report, (done) => `Pulumi CLI: loading Go modules, ${done} so far`)
  const packages = await run(go, ['list', '-deps', '-mod=readonly', '-modcacherw', PACKAGE], {
    ...common,
    environment: own,
    onLine: (line) => loading.step(line.startsWith('go: downloading ')),
  }).finally(() => loading.stop())

  const total = packages.trim().split('\n').length
  const compiling = progress(report, (done) => `Pulumi CLI: compiling from Go modules, ${done} of ${total} packages`)
  const flags = [
    '-v',
    '-mod=readonly',
    '-modcacherw',
    '-buildvcs=false',
    '-trimpath',
    '-ldflags',
    `-s -w -X ${VERSION_VARIABLE}=v${PULUMI_VERSION}`,
  ]
  await run(go, ['build', ...flags, '-o', join(folder, 'bin/pulumi'), PACKAGE], {
    ...common,
    environment: own,
    onLine: () => compiling.step(true),
  }).finally(() => compiling.stop())
}

/** Go's own folders lie below `folder`, its settings are the user's. */
async function environmentOfGo(
  go: string,
  folder: string,
  environment: Environment,
  common: Omit<RunOptions, 'environment'>,
): Promise<Environment> {
  const settings = environment.XDG_CONFIG_HOME ?? (environment.HOME && join(environment.HOME, '.config'))
  const own: Environment = {
    ...environment,
    // Pure Go: no C compiler needed, and the binary runs on any libc.
    CGO_ENABLED: '0',
    GOENV: environment.GOENV ?? (settings ? join(settings, 'go/env') : 'off'),
    // Where Go counts its own use.
    XDG_CONFIG_HOME: join(folder, 'go/config'),
    GOPATH: join(folder, 'go/path'),
    GOCACHE: join(folder, 'go/cache'),
    GOTMPDIR: join(folder, 'go/tmp'),
  }
  await mkdir(join(folder, 'go/tmp'), { recursive: true })
  const asked = {
    ...own,
    GOPATH: environment.GOPATH ?? (environment.HOME && join(environment.HOME, 'go')) ?? own.GOPATH,
  }
  const [proxy, modules] = (await run(go, ['env', 'GOPROXY', 'GOMODCACHE'], { ...common, environment: asked })).split(
    '\n',
  )
  const loadedBefore = `file://${encodeURI(modules ?? '')}/cache/download`
  return { ...own, GOPROXY: `${loadedBefore},${proxy}`, GOMODCACHE: join(folder, 'go/modules') }
}

function progress(report: (line: string) => void, text: (done: number) => string) {
  const started = performance.now()
  let done = 0
  const tell = () => report(`${text(done)}, ${Math.round((performance.now() - started) / 1000)} s`)
  tell()
  const timer = setInterval(tell, REPORT_MS)
  return {
    step(counts: boolean) {
      if (counts) done++
    },
    stop() {
      clearInterval(timer)
      tell()
    },
  }
}
