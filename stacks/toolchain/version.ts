/** The Pulumi CLI that everything here was measured with: the oldest we take, and the one we install. */
export const PULUMI_VERSION = '3.258.0'

/** The first `1.2.3` in a text, as `pulumi version`, `git --version` and `go version` say it. A missing patch is 0. */
export function versionIn(text: string): string | undefined {
  const found = /(\d+)\.(\d+)(?:\.(\d+))?/.exec(text)
  return found === null ? undefined : `${found[1]}.${found[2]}.${found[3] ?? 0}`
}

/** Whether `version` is `wanted` or newer. With another major version it is another tool. */
export function isAtLeast(version: string, wanted: string, { sameMajor = false } = {}): boolean {
  const [a, b] = [parts(version), parts(wanted)]
  if (sameMajor && a[0] !== b[0]) return false
  for (let at = 0; at < 3; at++) {
    const [left = 0, right = 0] = [a[at], b[at]]
    if (left !== right) return left > right
  }
  return true
}

function parts(version: string): number[] {
  return version.split('.').map(Number)
}
