import { homedir } from 'node:os'
import { join } from 'node:path'

/**
 * The one folder outside the checkout and the data folder that we write to: tools that cost minutes to get.
 * `PIPI_CACHE_DIR`, else as the XDG base directories say; for root a place that other system users can read (PostgreSQL
 * does not run as root).
 */
export function cacheFolder(environment: Record<string, string | undefined>, uid = process.getuid?.()): string {
  if (environment.PIPI_CACHE_DIR) return environment.PIPI_CACHE_DIR
  if (uid === 0) return '/var/cache/pipi-engines'
  return join(environment.XDG_CACHE_HOME || join(environment.HOME || homedir(), '.cache'), 'pipi-engines')
}
