import type { PlatformReader } from '../../../stacks/contract/find.ts'
import type { OpenPlatformReader } from '../../../stacks/recovery/platform-reader.ts'

/** A reader that is opened by the first question: many looks ask none of a provider, and one may be a process to start. */
export function lateReader(open: () => Promise<OpenPlatformReader>): PlatformReader & { close(): void } {
  let opened: Promise<OpenPlatformReader> | undefined
  const reader = () => {
    opened ??= open()
    return opened
  }
  return {
    read: async (type, id, inputs) => (await reader()).read(type, id, inputs),
    invoke: async (token, args) => (await reader()).invoke(token, args),
    get: async (path) => (await reader()).get(path),
    close() {
      opened?.then(
        (it) => it.close(),
        () => undefined,
      )
    },
  }
}
