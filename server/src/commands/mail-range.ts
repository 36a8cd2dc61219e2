// How many letters `parley mail` lists.

export const usualLast = 20;
export const lastMax = 500;
