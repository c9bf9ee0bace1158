#include "textflag.h"

// SHA-256 (FIPS 180-4 section 6.2.2) of eight messages at once: lane i of every
// register belongs to message i. AVX2 only.
//
// BX  ring of the last 16 words of the schedule, 32 bytes each
// AX  the round's constants
// DI  state, SI block count, R8 to R13, DX, CX the eight messages
// Y0 to Y7  a to h
// Y8 and Y15, in turns  a XOR b, which is b XOR c of the next round

#define ROTR3(x, r0, l0, r1, l1, r2, l2, t, u) \
	VPSRLD r0, x, t; \
	VPSLLD l0, x, u; \
	VPXOR u, t, t; \
	VPSRLD r1, x, u; \
	VPXOR u, t, t; \
	VPSLLD l1, x, u; \
	VPXOR u, t, t; \
	VPSRLD r2, x, u; \
	VPXOR u, t, t; \
	VPSLLD l2, x, u; \
	VPXOR u, t, t

#define ROTR2SHR(x, r0, l0, r1, l1, s, t, u) \
	VPSRLD r0, x, t; \
	VPSLLD l0, x, u; \
	VPXOR u, t, t; \
	VPSRLD r1, x, u; \
	VPXOR u, t, t; \
	VPSLLD l1, x, u; \
	VPXOR u, t, t; \
	VPSRLD s, x, u; \
	VPXOR u, t, t

// One round; the word of the schedule is in Y9. prev is a XOR b of the round
// before, next becomes that of this one.
#define ROUND(a, b, c, d, e, f, g, h, k, prev, next) \
	VPBROADCASTD (k*4)(AX), Y12; \
	VPADDD Y9, h, h; \
	VPADDD Y12, h, h; \
	VPXOR f, g, Y12; \
	VPAND e, Y12, Y12; \
	VPXOR g, Y12, Y12; \
	VPADDD Y12, h, h; \
	ROTR3(e, $6, $26, $11, $21, $25, $7, Y10, Y11); \
	VPADDD Y10, h, h; \
	VPADDD h, d, d; \
	ROTR3(a, $2, $30, $13, $19, $22, $10, Y13, Y14); \
	VPXOR a, b, next; \
	VPAND next, prev, prev; \
	VPXOR b, prev, prev; \
	VPADDD Y13, h, h; \
	VPADDD prev, h, h

// The next word of the schedule, to Y9 and to its place i in the ring.
#define SCHEDULE(i, i1, i9, i14) \
	VMOVDQU (i1*32)(BX), Y10; \
	ROTR2SHR(Y10, $7, $25, $18, $14, $3, Y11, Y12); \
	VMOVDQU (i14*32)(BX), Y10; \
	ROTR2SHR(Y10, $17, $15, $19, $13, $10, Y13, Y14); \
	VMOVDQU (i*32)(BX), Y9; \
	VPADDD (i9*32)(BX), Y9, Y9; \
	VPADDD Y11, Y9, Y9; \
	VPADDD Y13, Y9, Y9; \
	VMOVDQU Y9, (i*32)(BX)

// Half a block of all messages, from byte off, becomes eight words of the ring
// from at.
#define LOAD(off, at) \
	VMOVDQU off(R8), Y0; \
	VPSHUFB Y15, Y0, Y0; \
	VMOVDQU off(R9), Y1; \
	VPSHUFB Y15, Y1, Y1; \
	VMOVDQU off(R10), Y2; \
	VPSHUFB Y15, Y2, Y2; \
	VMOVDQU off(R11), Y3; \
	VPSHUFB Y15, Y3, Y3; \
	VMOVDQU off(R12), Y4; \
	VPSHUFB Y15, Y4, Y4; \
	VMOVDQU off(R13), Y5; \
	VPSHUFB Y15, Y5, Y5; \
	VMOVDQU off(DX), Y6; \
	VPSHUFB Y15, Y6, Y6; \
	VMOVDQU off(CX), Y7; \
	VPSHUFB Y15, Y7, Y7; \
	VPUNPCKLDQ Y1, Y0, Y8; \
	VPUNPCKHDQ Y1, Y0, Y9; \
	VPUNPCKLDQ Y3, Y2, Y10; \
	VPUNPCKHDQ Y3, Y2, Y11; \
	VPUNPCKLDQ Y5, Y4, Y12; \
	VPUNPCKHDQ Y5, Y4, Y13; \
	VPUNPCKLDQ Y7, Y6, Y0; \
	VPUNPCKHDQ Y7, Y6, Y1; \
	VPUNPCKLQDQ Y10, Y8, Y2; \
	VPUNPCKHQDQ Y10, Y8, Y3; \
	VPUNPCKLQDQ Y11, Y9, Y4; \
	VPUNPCKHQDQ Y11, Y9, Y5; \
	VPUNPCKLQDQ Y0, Y12, Y6; \
	VPUNPCKHQDQ Y0, Y12, Y7; \
	VPUNPCKLQDQ Y1, Y13, Y8; \
	VPUNPCKHQDQ Y1, Y13, Y9; \
	VPERM2I128 $0x20, Y6, Y2, Y10; \
	VPERM2I128 $0x31, Y6, Y2, Y11; \
	VMOVDQU Y10, ((at+0)*32)(BX); \
	VMOVDQU Y11, ((at+4)*32)(BX); \
	VPERM2I128 $0x20, Y7, Y3, Y10; \
	VPERM2I128 $0x31, Y7, Y3, Y11; \
	VMOVDQU Y10, ((at+1)*32)(BX); \
	VMOVDQU Y11, ((at+5)*32)(BX); \
	VPERM2I128 $0x20, Y8, Y4, Y10; \
	VPERM2I128 $0x31, Y8, Y4, Y11; \
	VMOVDQU Y10, ((at+2)*32)(BX); \
	VMOVDQU Y11, ((at+6)*32)(BX); \
	VPERM2I128 $0x20, Y9, Y5, Y10; \
	VPERM2I128 $0x31, Y9, Y5, Y11; \
	VMOVDQU Y10, ((at+3)*32)(BX); \
	VMOVDQU Y11, ((at+7)*32)(BX)

// func blocks(state *[8][8]uint32, messages *[8]*byte, n int, constants *[64]uint32)
TEXT ·blocks(SB), NOSPLIT, $560-32
	MOVQ state+0(FP), DI
	MOVQ messages+8(FP), CX
	MOVQ n+16(FP), SI
	MOVQ constants+24(FP), AX
	LEAQ ring-560(SP), BX
	ADDQ $31, BX
	ANDQ $~31, BX
	MOVQ 0(CX), R8
	MOVQ 8(CX), R9
	MOVQ 16(CX), R10
	MOVQ 24(CX), R11
	MOVQ 32(CX), R12
	MOVQ 40(CX), R13
	MOVQ 48(CX), DX
	MOVQ 56(CX), CX

block:
	VMOVDQU swap<>(SB), Y15
	LOAD(0, 0)
	LOAD(32, 8)
	VMOVDQU 0(DI), Y0
	VMOVDQU 32(DI), Y1
	VMOVDQU 64(DI), Y2
	VMOVDQU 96(DI), Y3
	VMOVDQU 128(DI), Y4
	VMOVDQU 160(DI), Y5
	VMOVDQU 192(DI), Y6
	VMOVDQU 224(DI), Y7
	VPXOR Y1, Y2, Y8
	VMOVDQU (0*32)(BX), Y9
	ROUND(Y0, Y1, Y2, Y3, Y4, Y5, Y6, Y7, 0, Y8, Y15)
	VMOVDQU (1*32)(BX), Y9
	ROUND(Y7, Y0, Y1, Y2, Y3, Y4, Y5, Y6, 1, Y15, Y8)
	VMOVDQU (2*32)(BX), Y9
	ROUND(Y6, Y7, Y0, Y1, Y2, Y3, Y4, Y5, 2, Y8, Y15)
	VMOVDQU (3*32)(BX), Y9
	ROUND(Y5, Y6, Y7, Y0, Y1, Y2, Y3, Y4, 3, Y15, Y8)
	VMOVDQU (4*32)(BX), Y9
	ROUND(Y4, Y5, Y6, Y7, Y0, Y1, Y2, Y3, 4, Y8, Y15)
	VMOVDQU (5*32)(BX), Y9
	ROUND(Y3, Y4, Y5, Y6, Y7, Y0, Y1, Y2, 5, Y15, Y8)
	VMOVDQU (6*32)(BX), Y9
	ROUND(Y2, Y3, Y4, Y5, Y6, Y7, Y0, Y1, 6, Y8, Y15)
	VMOVDQU (7*32)(BX), Y9
	ROUND(Y1, Y2, Y3, Y4, Y5, Y6, Y7, Y0, 7, Y15, Y8)
	VMOVDQU (8*32)(BX), Y9
	ROUND(Y0, Y1, Y2, Y3, Y4, Y5, Y6, Y7, 8, Y8, Y15)
	VMOVDQU (9*32)(BX), Y9
	ROUND(Y7, Y0, Y1, Y2, Y3, Y4, Y5, Y6, 9, Y15, Y8)
	VMOVDQU (10*32)(BX), Y9
	ROUND(Y6, Y7, Y0, Y1, Y2, Y3, Y4, Y5, 10, Y8, Y15)
	VMOVDQU (11*32)(BX), Y9
	ROUND(Y5, Y6, Y7, Y0, Y1, Y2, Y3, Y4, 11, Y15, Y8)
	VMOVDQU (12*32)(BX), Y9
	ROUND(Y4, Y5, Y6, Y7, Y0, Y1, Y2, Y3, 12, Y8, Y15)
	VMOVDQU (13*32)(BX), Y9
	ROUND(Y3, Y4, Y5, Y6, Y7, Y0, Y1, Y2, 13, Y15, Y8)
	VMOVDQU (14*32)(BX), Y9
	ROUND(Y2, Y3, Y4, Y5, Y6, Y7, Y0, Y1, 14, Y8, Y15)
	VMOVDQU (15*32)(BX), Y9
	ROUND(Y1, Y2, Y3, Y4, Y5, Y6, Y7, Y0, 15, Y15, Y8)
	ADDQ $64, AX
	MOVQ $3, R15

more:
	SCHEDULE(0, 1, 9, 14)
	ROUND(Y0, Y1, Y2, Y3, Y4, Y5, Y6, Y7, 0, Y8, Y15)
	SCHEDULE(1, 2, 10, 15)
	ROUND(Y7, Y0, Y1, Y2, Y3, Y4, Y5, Y6, 1, Y15, Y8)
	SCHEDULE(2, 3, 11, 0)
	ROUND(Y6, Y7, Y0, Y1, Y2, Y3, Y4, Y5, 2, Y8, Y15)
	SCHEDULE(3, 4, 12, 1)
	ROUND(Y5, Y6, Y7, Y0, Y1, Y2, Y3, Y4, 3, Y15, Y8)
	SCHEDULE(4, 5, 13, 2)
	ROUND(Y4, Y5, Y6, Y7, Y0, Y1, Y2, Y3, 4, Y8, Y15)
	SCHEDULE(5, 6, 14, 3)
	ROUND(Y3, Y4, Y5, Y6, Y7, Y0, Y1, Y2, 5, Y15, Y8)
	SCHEDULE(6, 7, 15, 4)
	ROUND(Y2, Y3, Y4, Y5, Y6, Y7, Y0, Y1, 6, Y8, Y15)
	SCHEDULE(7, 8, 0, 5)
	ROUND(Y1, Y2, Y3, Y4, Y5, Y6, Y7, Y0, 7, Y15, Y8)
	SCHEDULE(8, 9, 1, 6)
	ROUND(Y0, Y1, Y2, Y3, Y4, Y5, Y6, Y7, 8, Y8, Y15)
	SCHEDULE(9, 10, 2, 7)
	ROUND(Y7, Y0, Y1, Y2, Y3, Y4, Y5, Y6, 9, Y15, Y8)
	SCHEDULE(10, 11, 3, 8)
	ROUND(Y6, Y7, Y0, Y1, Y2, Y3, Y4, Y5, 10, Y8, Y15)
	SCHEDULE(11, 12, 4, 9)
	ROUND(Y5, Y6, Y7, Y0, Y1, Y2, Y3, Y4, 11, Y15, Y8)
	SCHEDULE(12, 13, 5, 10)
	ROUND(Y4, Y5, Y6, Y7, Y0, Y1, Y2, Y3, 12, Y8, Y15)
	SCHEDULE(13, 14, 6, 11)
	ROUND(Y3, Y4, Y5, Y6, Y7, Y0, Y1, Y2, 13, Y15, Y8)
	SCHEDULE(14, 15, 7, 12)
	ROUND(Y2, Y3, Y4, Y5, Y6, Y7, Y0, Y1, 14, Y8, Y15)
	SCHEDULE(15, 0, 8, 13)
	ROUND(Y1, Y2, Y3, Y4, Y5, Y6, Y7, Y0, 15, Y15, Y8)
	ADDQ $64, AX
	DECQ R15
	JNZ more

	SUBQ $256, AX
	VPADDD 0(DI), Y0, Y0
	VMOVDQU Y0, 0(DI)
	VPADDD 32(DI), Y1, Y1
	VMOVDQU Y1, 32(DI)
	VPADDD 64(DI), Y2, Y2
	VMOVDQU Y2, 64(DI)
	VPADDD 96(DI), Y3, Y3
	VMOVDQU Y3, 96(DI)
	VPADDD 128(DI), Y4, Y4
	VMOVDQU Y4, 128(DI)
	VPADDD 160(DI), Y5, Y5
	VMOVDQU Y5, 160(DI)
	VPADDD 192(DI), Y6, Y6
	VMOVDQU Y6, 192(DI)
	VPADDD 224(DI), Y7, Y7
	VMOVDQU Y7, 224(DI)
	ADDQ $64, R8
	ADDQ $64, R9
	ADDQ $64, R10
	ADDQ $64, R11
	ADDQ $64, R12
	ADDQ $64, R13
	ADDQ $64, DX
	ADDQ $64, CX
	DECQ SI
	JNZ block
	VZEROUPPER
	RET

// The bytes of each word, the other way round.
DATA swap<>+0(SB)/8, $0x0405060700010203
DATA swap<>+8(SB)/8, $0x0c0d0e0f08090a0b
DATA swap<>+16(SB)/8, $0x0405060700010203
DATA swap<>+24(SB)/8, $0x0c0d0e0f08090a0b
GLOBL swap<>(SB), RODATA|NOPTR, $32
