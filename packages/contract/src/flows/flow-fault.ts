/** Flow fault: what is wrong with a step, by its field. */
export type Fault = [field: string, message: string]

export const faultsWhere = (rules: readonly [isWrong: boolean, field: string, message: string][]): Fault[] =>
  rules.flatMap(([isWrong, field, message]): Fault[] => (isWrong ? [[field, message]] : []))
