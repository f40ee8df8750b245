/** A check that could not be run on a machine proves nothing there, and is no contradiction either. */
export const NOT_RUN = 'not run here'
