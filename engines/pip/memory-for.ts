/** MiB for the server of a database that may hold so many MiB. */
export function memoryFor(sizeMb: number): number {
  if (sizeMb <= 1024) return 128
  return sizeMb <= 5 * 1024 ? 256 : 512
}
