import type { CloudAccount } from '../../../engines/contract/engine.ts'
import type { WatchContext } from '../../../engines/contract/watch.ts'
import { openPlatformReader } from '../../../stacks/recovery/platform-reader.ts'
import type { Birth } from '../../contract/stem-cell.ts'
import { projectOf } from '../carriage.ts'
import { configurationOf } from '../configuration.ts'
import { exchanged } from '../let-in.ts'
import { openApi } from './api.ts'
import { lateReader } from './late-reader.ts'

export interface WatchOptions {
  birth: Pick<Birth, 'engine' | 'credentials' | 'platformApi' | 'upstreamsFor'>
  /** In place of the birth's: of the cloud account that is looked at. */
  credentials?: Record<string, string>
  /** gRPC address by provider name, with those of in-process providers. */
  upstreams: Readonly<Record<string, string>>
  cloudAccount: CloudAccount
  /** Milliseconds by the ledger's clock. */
  now: number
  gone?: WatchContext['gone']
  signal: AbortSignal
}

/** What one look at a platform is done with. Close it afterwards. */
export async function openWatchContext(options: WatchOptions): Promise<WatchContext & { close(): void }> {
  const { birth, cloudAccount, signal } = options
  const { engine, platformApi } = birth
  const credentials = await exchanged(birth, options.credentials ?? birth.credentials ?? {}, signal)
  const authenticate = await engine.watch.authenticate?.()
  // Where nothing is said of a region the first one answers: accounts are told apart by credentials.
  const region = engine.dna.regions[0] ?? ''
  const configuration = configurationOf({ engine, credentials }, { region, cloudAccount: cloudAccount.id })
  const reader = lateReader(async () => {
    const own = await birth.upstreamsFor?.(configuration)
    const opened = openPlatformReader({
      upstreams: { ...options.upstreams, ...own?.addresses },
      configuration,
      stack: { project: projectOf(engine.dna.code), stack: 'watch' },
    })
    return {
      ...opened,
      close() {
        opened.close()
        own?.release()
      },
    }
  })
  return {
    account: cloudAccount,
    regions: engine.dna.regions,
    platform: reader,
    api: openApi({
      signal,
      ...(platformApi === undefined ? {} : { base: platformApi }),
      ...(authenticate === undefined
        ? {}
        : { prove: (send: WatchContext['api']) => authenticate({ credentials, send }) }),
    }),
    credentials,
    now: options.now,
    ...(options.gone === undefined ? {} : { gone: options.gone }),
    signal,
    close: () => reader.close(),
  }
}
