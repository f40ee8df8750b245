/** Whether a file is a language model by its name. */
export const isGguf = (path: string): boolean => /\.gguf$/i.test(path)
