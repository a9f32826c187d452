/** Why set-up cannot go on (`message`: what was expected and what came) and what to do about it (`hint`). */
export class SetupError extends Error {
  /** @param {string} message @param {string} hint */
  constructor(message, hint) {
    super(message)
    this.name = 'SetupError'
    this.hint = hint
  }
}
