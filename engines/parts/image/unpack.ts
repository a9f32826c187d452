/** What an image says of how it is run. */
export interface ImageConfig {
  entrypoint: string[]
  cmd: string[]
  /** As `NAME=value`. */
  env: string[]
  /** Absolute, inside the image. */
  workingDir: string
  /** As the image names it: a number, a name, or either with a group after a colon; empty: root. */
  user: string
}

export interface UnpackOptions {
  signal: AbortSignal
  /** Most bytes of all layers together, once unpacked. */
  bytes?: number
  entries?: number
}

/**
 * Unpacks the layers of a layout, in order, onto `rootfs`: emptied first; holds the files afterwards, or is not there
 * when it failed. Throws `build.failed`.
 */
export async function unpackImage(
  _layoutPath: string,
  _rootfs: string,
  _options: UnpackOptions,
): Promise<{ config: ImageConfig }> {
  throw new Error('being written')
}
