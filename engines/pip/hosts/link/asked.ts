/** A question for a supervisor, as it is passed on. */
export interface Asked {
  method: string
  path: string
  body: Buffer | undefined
}

export interface Answered {
  status: number
  body: string
}
