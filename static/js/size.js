/** A number of bytes for people: "82 kB", "31 MB". */
export function inWords(bytes) {
  return bytes < 1e6 ? `${Math.max(1, Math.round(bytes / 1e3))} kB` : `${Math.round(bytes / 1e5) / 10} MB`;
}
