export const oracleFigures = async (): Promise<object> => ({})
