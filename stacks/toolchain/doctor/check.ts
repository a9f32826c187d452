/** One thing that the platform needs, and how to find out. */
export interface Check {
  name: string
  run(): Promise<Finding>
}

export interface Finding {
  ok: boolean
  found: string
  wanted: string
  /** What to do when it is not as wanted. */
  remedy: string
}
